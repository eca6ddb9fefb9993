FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY . .
# The key serves this one command and is kept nowhere.
RUN SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(50))") \
    python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --no-create-home tracker \
    && install -d -o tracker /media-files
USER tracker

ENV BIND=0.0.0.0:8000 MEDIA_ROOT=/media-files SCHEDULE_FILE=/tmp/beat-schedule
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "bin/healthcheck.py"]
CMD ["bin/serve", "web"]
