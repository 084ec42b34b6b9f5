"""Routes: planned legs with their times, copied to each consignment that takes them, and watched by a worker."""
