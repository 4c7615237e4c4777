PREFIX = "https://sentry.example.com"


def get(key, silent=False):
    return {"system.url-prefix": PREFIX}[key]
