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
} else if (canRestart()) {
  restart()
} else {
  start()
}

// Node grows the space for new objects up to 32 MiB three times over, which packets in flight do not need; only a flag
// bounds it. The process is replaced in place: same id, same signals, 40 ms.
function canRestart() {
  return (
    typeof process.execve === 'function' &&
    process.platform !== 'win32' &&
    !process.connected &&
    !process.execArgv
      .concat(process.env.NODE_OPTIONS || '')
      .join(' ')
      .includes('--max-semi-space-size')
  )
}

function restart() {
  var flags = process.execArgv.concat('--max-semi-space-size=8')
  process.execve(process.execPath, [process.execPath].concat(flags, process.argv.slice(1)), process.env)
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
