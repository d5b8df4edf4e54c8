"""An invented district to try everything on."""
