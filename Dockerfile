FROM python:3.12.8-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=false
WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.9 \
    && useradd --system --create-home --uid 10001 app

# The packages change seldom, the code often: so in this order.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project

# An editable install: graphql/api is imported as `api`, and there is one copy of each module.
COPY . .
RUN uv sync --frozen --no-dev \
    && SECRET_KEY=only-while-static-files-are-collected DATABASE_URL=postgres://nobody@localhost/none \
       .venv/bin/python manage.py collectstatic --no-input

USER app
EXPOSE 8000
CMD [".venv/bin/granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "marketplace.config.wsgi:application"]
