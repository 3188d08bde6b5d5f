import english from './tools.en.json'
import { learn } from './text.ts'

learn('tools', english)
