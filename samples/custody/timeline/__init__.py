"""The chain of custody of a bag or a consignment as one record: on screen, as JSON, on paper."""
