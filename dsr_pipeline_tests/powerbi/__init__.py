"""The star schema that Power BI opens."""
