"""Every model of this app, for Django, which looks nowhere else."""
