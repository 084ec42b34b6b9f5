"""Due work: how a change reaches a worker, whatever is lost or killed on the way."""
