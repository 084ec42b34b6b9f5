"""What can keep a trial from starting: each with a code, a message and a way out."""


class TrialError(Exception):
    """The trial cannot start or go on.

    >>> str(TrialError("port-in-use", "Port 8000 is taken.", "Set PORT to another one."))
    'Port 8000 is taken. Set PORT to another one.'
    """

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.code = code
        self.message = message
        self.remedy = remedy
