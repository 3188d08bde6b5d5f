import english from './people.en.json'
import { learn } from './text.ts'

learn('people', english)
