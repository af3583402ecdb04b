"""What is checked about the repository itself: commands in documents, dependencies, lock files, rooms."""
