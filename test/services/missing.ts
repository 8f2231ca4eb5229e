/** Why something cannot be had here, in a line; undefined: it can. With CI=true it is a failure. */
export async function whyMissing(what: string, install: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await install()
    return undefined
  } catch (error) {
    const reason = `${what}: ${String((error as Error).message).split('\n')[0]}`
    if (process.env.CI === 'true') throw new Error(reason)
    return reason
  }
}
