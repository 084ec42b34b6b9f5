"""`python -m config.trial.prepare`: migrate as owner, then load the demonstration into an empty database.

Both in one process, because Django takes a second to start.
"""

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    call_command("migrate", database="owner", verbosity=0)
    call_command("load_demonstration", if_empty=True)
