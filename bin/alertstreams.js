#!/usr/bin/env node
// Plain JavaScript that an old Node can parse, too: it says which Node is needed. An installed package has the built
// code; a clone has the sources, which Node 24 runs as they are.
'use strict'

var major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    'alertstreams needs Node 24 or newer, and this is Node ' +
      process.versions.node +
      ': install Node 24, or in a clone run it as "npm run -s alertstreams -- ...".\n'
  )
  process.exitCode = 1
} else {
  start()
}

function start() {
  var url = new URL('../src/cli/main.ts', import.meta.url)
  import('node:fs')
    .then(function (fs) {
      return import(fs.existsSync(url) ? url.href : new URL('../dist/src/cli/main.js', import.meta.url).href)
    })
    .then(function (cli) {
      return cli.main(process.argv.slice(2))
    })
    .then(
      function (code) {
        process.exitCode = code
        // Everything is closed; a connection that does not notice must not keep the process.
        setTimeout(function () {
          process.exit()
        }, 2000).unref()
      },
      function (error) {
        process.stderr.write('alertstreams: ' + (error && error.stack ? error.stack : error) + '\n')
        process.exitCode = 1
      }
    )
}
