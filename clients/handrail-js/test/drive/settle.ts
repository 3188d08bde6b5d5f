/** Waiting until nothing moves any more. The ports of a driven phone resolve within microtasks; only
 *  WebCrypto works in threads of its own, and is counted. */

const MOST_TURNS = 100_000
const { subtle } = globalThis.crypto
let working = 0

for (const name of ['encrypt', 'decrypt', 'sign', 'digest', 'importKey', 'deriveKey', 'generateKey', 'exportKey'] as const) {
  const work = (subtle[name] as (...values: any[]) => Promise<any>).bind(subtle)
  const counted = async (...values: any[]) => {
    working++
    try {
      return await work(...values)
    } finally {
      working--
    }
  }
  Object.defineProperty(subtle, name, { value: counted })
}

export async function settle(): Promise<void> {
  let quiet = 0
  for (let turn = 0; quiet < 2; turn++) {
    if (turn === MOST_TURNS) throw new Error('it never comes to rest')
    await new Promise((resolve) => setImmediate(resolve))
    quiet = working ? 0 : quiet + 1
  }
}
