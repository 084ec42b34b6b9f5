# The application: one image for web, worker, beat and migrations.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    STATIC_ROOT=/app/staticfiles \
    DATA_DIR=/data

WORKDIR /app
COPY requirements.txt ./
RUN pip install -r requirements.txt

# Named one by one, so that no .env, key or data folder beside them gets into the image.
COPY manage.py ./
COPY config config
COPY lims lims
COPY samples samples
COPY assays assays
COPY deploy/healthy.py deploy/healthy.py

# Names with hashes need every file once; the key signs nothing here.
RUN SECRET_KEY=only-while-building python manage.py collectstatic --noinput --verbosity 0

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin lims \
    && install -d -o lims -g lims -m 0700 /data /data/files /data/witness
USER 10001

EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
