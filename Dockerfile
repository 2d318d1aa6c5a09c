# The portal's image. `docker build .` makes the last stage, production; `--target demo` the simulated Zoom of the demo profile.
# What runs in it are the scripts of deploy/, which the tests start without a container.

FROM python:3.13-slim AS packages
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/portal UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY pyproject.toml ./
# pyproject.toml pins everything, so the versions are those that the tests ran with; they ran on Python 3.11
RUN uv sync --no-default-groups --no-build

FROM packages AS demo-packages
RUN uv sync --no-default-groups --group demo

FROM python:3.13-slim AS base
# the group has the user's number: one without a name Celery takes for a superuser's
RUN groupadd --gid 10001 portal && useradd --uid 10001 --gid portal --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portal
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static
WORKDIR /srv/portal
COPY manage.py ./
COPY toyooka_hw toyooka_hw
COPY consent consent
COPY booking booking
COPY templates templates
COPY static static
COPY deploy deploy
# readable whatever the umask was that the sources were checked out under
RUN chmod -R a+rX .

FROM base AS demo
COPY --from=demo-packages /opt/portal /opt/portal
RUN install -d -o portal -g portal /var/lib/zoom
VOLUME /var/lib/zoom
USER 10001:10001
EXPOSE 9000
CMD ["python", "-m", "toyooka_hw.demo.simulator", "--host", "0.0.0.0", "--port", "9000", "--data-dir", "/var/lib/zoom"]

FROM base AS portal
# PostgreSQL's own client programs of the server's version, for backup and restore: from where its image has its own, by the key that this one
# trusts. Both are Debian 13
COPY --from=postgres:18 /usr/local/share/keyrings/postgres.gpg.asc /usr/local/share/keyrings/
COPY --from=postgres:18 /etc/apt/sources.list.d/pgdg.list /etc/apt/sources.list.d/
RUN mkdir -p /usr/share/man/man1 /usr/share/man/man7 \
    && apt-get update && apt-get install -y --no-install-recommends postgresql-client-18 && rm -rf /var/lib/apt/lists/*
ENV PATH=/usr/lib/postgresql/18/bin:$PATH
COPY --from=packages /opt/portal /opt/portal
RUN python manage.py collectstatic --no-input && python -m compileall -q manage.py toyooka_hw consent booking
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 CMD ["deploy/healthy-web"]
CMD ["deploy/web"]
