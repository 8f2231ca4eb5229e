import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { SupernovaPlace } from '../test/broker/supernovae.ts'
import { installSalt2 } from '../test/services/python.ts'

// docs/salt2-fit.png: the picture that the handler makes of a synthetic supernova.
const root = join(import.meta.dirname, '..')
await using place = new SupernovaPlace(await installSalt2())
await place.make(1, 9)
await place.fit()
const [candid] = Object.keys(JSON.parse(place.read('synthetic/truth.json')))
copyFileSync(join(place.folder, `salt2/plot_lc/candid_${candid}.png`), join(root, 'docs/salt2-fit.png'))
