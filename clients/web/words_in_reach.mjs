// Words of an area come with its pages. A file that says words of an area that may not be there yet
// is a mistake, which shows only in the browser.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is said without its words: ["src/….tsx says door.title", …]. `inputs`: esbuild's, of the app. */
export function outOfReach(here, inputs) {
  const read = (path) => readFileSync(join(here, path), 'utf8')
  const home = new Map() // key → its file
  for (const path of globSync('src/text/*en.json', { cwd: here })) {
    for (const key of Object.keys(JSON.parse(read(path)))) home.set(key, path)
  }
  const reach = (path, found = new Set()) => {
    if (found.has(path)) return found
    found.add(path)
    for (const each of inputs[path].imports) if (each.kind === 'import-statement' && inputs[each.path]) reach(each.path, found)
    return found
  }
  const always = reach('src/app.tsx')
  const later = Object.values(inputs).flatMap(({ imports }) => imports.filter(({ kind }) => kind === 'dynamic-import'))
  const missing = new Set()
  for (const start of ['src/main.tsx', ...later.map(({ path }) => path)]) {
    const there = new Set([...always, ...reach(start)])
    for (const path of reach(start)) {
      if (!/^src\/.*\.tsx?$/.test(path)) continue
      for (const key of said(read(path), [...home.keys()])) if (!there.has(home.get(key))) missing.add(`${path} says ${key}`)
    }
  }
  return [...missing]
}

/** Keys in quotes, the two of a count, and those that a template makes: `door.${part}_short`. */
function said(source, keys) {
  const quoted = new Set(source.match(/(?<=')[a-z_]+\.\w+(?=')/g))
  const made = [...source.matchAll(/`([a-z_]+\.\w*)\$\{[^`]*\}(\w*)`/g)]
  return keys.filter((key) => quoted.has(key) || quoted.has(key.replace(/_(one|other)$/, ''))
    || made.some(([, start, end]) => key.startsWith(start) && key.endsWith(end)))
}
