/** The pages that no first page needs. One file, because each file repeats what compression saves. */

// What comes later imports the first page: then esbuild puts all of that into one file.
import '../app.tsx'
import { ME } from './me/pages.tsx'
import { PEOPLE } from './people/pages.tsx'
import { TODAY } from './today/pages.tsx'
import { TOOLS } from './tools/pages.tsx'

export { startPush } from '../push.ts'
export const AREAS = { ...TODAY, ...TOOLS, ...PEOPLE, ...ME }
