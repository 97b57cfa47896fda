# One image for web, worker, beat, migrate and the nightly command.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    STATIC_ROOT=/app/static-collected VAR_DIR=/var/lib/one-on-ones

# pg_dump, pg_restore and psql, of the server's version or newer; openssl for certificates.sh
RUN apt-get update && apt-get install -y --no-install-recommends openssl postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /nonexistent oneonones \
    && install -d -o oneonones -g oneonones -m 0700 \
        /var/lib/one-on-ones /var/lib/one-on-ones/keys /var/lib/one-on-ones/imports \
        /var/lib/one-on-ones/backups /var/lib/one-on-ones/backup-key

WORKDIR /app
COPY requirements-prod.txt ./
RUN pip install -r requirements-prod.txt
COPY manage.py gunicorn.conf.py certificates.sh ./
COPY audit audit
COPY people people
COPY scheduling scheduling
COPY notes notes
COPY oneonones oneonones
COPY templates templates
COPY static static
# The key is for this one command; no secret is in the image
RUN SECRET_KEY=only-for-collectstatic VAR_DIR=/tmp/build python manage.py collectstatic --noinput \
    && rm -rf /tmp/build

USER oneonones
EXPOSE 8000
CMD ["gunicorn", "oneonones.wsgi"]
