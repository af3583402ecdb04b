"""The assets, one module per group; each module lists its own in `ASSETS`, and `build` puts them together."""
