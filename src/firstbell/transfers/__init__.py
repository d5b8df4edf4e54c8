"""Files that come in and go out: lists waiting to be imported, exports waiting to be fetched. Kept for hours only."""
