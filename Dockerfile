# alertstreams as an image: `docker build -t alertstreams .`
# The working folder is /data: it reads /data/alertstreams.yaml, and relative paths in that file start there.
FROM node:24-slim

WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
# Node runs the TypeScript sources as they are.
COPY bin bin
COPY src src
COPY handlers handlers

RUN mkdir /data && chown node:node /data
WORKDIR /data
VOLUME /data
ENV NODE_ENV=production
USER node

# Without a shell between, so that SIGTERM reaches the program and it can finish what it has begun.
ENTRYPOINT ["node", "/app/bin/alertstreams.js"]
CMD ["run"]
