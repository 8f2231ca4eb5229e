import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { adviceOf, AlertStreamsError, codeOf } from '../contract/errors.ts'
import { duration } from '../contract/options.ts'
import { Authorization, LOGIN_SCOPES } from '../google/authorization.ts'
import { oauthClient } from '../google/oauth-client.ts'
import { listenForRedirects } from '../google/redirects.ts'
import { usualTokenFile, writeTokenFile } from '../google/token-file.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './usage-error.ts'

const HELP = `alertstreams login: gives streams access to Google Cloud in your name, for those who have no service account

  alertstreams login pitt-google
      --client-file FILE       the OAuth client (kind: Desktop app), as Google's console gives it out; else the variables
                               PITTGOOGLE_OAUTH_CLIENT_ID and PITTGOOGLE_OAUTH_CLIENT_SECRET
      --token-file FILE        where the login is kept, for the option TOKEN_FILE of streams (default: in your
                               configuration folder, where streams look by themselves)
      --redirect-uri URI       of a client that is not of that kind; the address is then always pasted
      --open                   opens the browser, too
      --timeout TIME           give up after so long (default: 10m)

It prints an address to be opened in any browser. Over SSH the browser cannot come back to this machine: paste the
address that it was sent to at the end. What is kept (mode 0600) is renewed by itself; streams never ask.
Example: alertstreams login pitt-google --client-file client.json
`

const SAYS = {
  done: 'You are logged in, and can close this window.',
  other: 'This is not the answer to the login that is waiting; that goes on waiting.',
  failed: 'The login failed. The terminal says why.'
} as const

/** Logs a person in. Nothing else of the program asks anybody anything. */
export async function login(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      'client-file': { type: 'string' },
      'token-file': { type: 'string' },
      'redirect-uri': { type: 'string' },
      open: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '10m' }
    }
  })
  if (values.help) {
    process.stdout.write(HELP)
    return exitCodes.done
  }
  if (positionals.length !== 1 || positionals[0] !== 'pitt-google') throw new UsageError('say where: pitt-google')
  const patience = duration('').read(values.timeout)
  if ('problem' in patience || !patience.value) throw new UsageError('--timeout must be a time such as 5m')
  if (!process.stdin.isTTY) throw new UsageError('it needs a terminal: a person has to log in')
  const file = values['token-file'] === undefined ? usualTokenFile() : resolve(values['token-file'])
  try {
    const client = oauthClient(values['client-file'], process.env)
    const asked = { redirectUri: values['redirect-uri'], open: values.open, seconds: patience.value }
    const { login, scopes } = await askUser((redirectUri) => new Authorization(client, redirectUri), asked)
    await writeTokenFile(file, login)
    process.stdout.write(`\nYou are logged in. ${file} holds it, for you alone to read.\n`)
    for (const scope of LOGIN_SCOPES.filter((one) => !scopes.includes(one))) {
      process.stdout.write(
        `Access to ${scope.split('/').at(-1)} was not given: streams that need it will be refused.\n`
      )
    }
    return exitCodes.done
  } catch (error) {
    process.stderr.write(`\nalertstreams login: ${adviceOf(error)}\n`)
    return codeOf(error, 'CONNECT_FAILED') === 'CONFIG_INVALID' ? exitCodes.invalid : exitCodes.failed
  }
}

interface Asked {
  readonly redirectUri: string | undefined
  readonly open: boolean
  readonly seconds: number
}

type Given = Awaited<ReturnType<Authorization['exchange']>>

/** Prints the address; the first answer counts, whether the browser brings it or it is pasted. */
async function askUser(authorizationFor: (redirectUri: string) => Authorization, asked: Asked): Promise<Given> {
  const outcome = Promise.withResolvers<Given>()
  let exchanged: Promise<Given> | undefined
  const take = async (address: string): Promise<string> => {
    try {
      const code = authorization.codeIn(address)
      if (code === undefined) return SAYS.other
      // A browser may ask twice, and a code is good for once.
      exchanged ??= authorization.exchange(code)
      outcome.resolve(await exchanged)
      return SAYS.done
    } catch (error) {
      outcome.reject(error)
      return SAYS.failed
    }
  }
  const redirects = asked.redirectUri === undefined ? await listenForRedirects(take) : undefined
  const redirectUri = redirects?.uri ?? asked.redirectUri ?? ''
  const authorization = authorizationFor(redirectUri)
  const timer = setTimeout(() => outcome.reject(nobodyCame(asked.seconds)), asked.seconds * 1000)
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line.trim() === '') return
    void take(line).then((said) => said === SAYS.other && process.stdout.write(`${SAYS.other}\n`))
  })
  process.stdout.write(`Open this address in a browser, log in, and allow access:

${authorization.url}

Then ${redirects ? `the browser comes back to this machine. Where it cannot, ` : ''}paste the address here to which it was sent,
which begins with ${redirectUri}
`)
  if (asked.open) openBrowser(authorization.url)
  try {
    return await outcome.promise
  } finally {
    clearTimeout(timer)
    lines.close()
    redirects?.close()
    process.stdin.unref()
  }
}

function nobodyCame(seconds: number): AlertStreamsError {
  return new AlertStreamsError('CREDENTIALS_REFUSED', `nobody logged in within ${seconds} s`, {
    remedy: 'Start again; --timeout gives more time.'
  })
}

function openBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(command, [url], { stdio: 'ignore', detached: true })
  child.on('error', () => process.stdout.write(`There is no ${command}: open the address yourself.\n`))
  child.unref()
}
