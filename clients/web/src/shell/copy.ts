import { t } from '../text/text.ts'
import { announce } from './live.tsx'

/** Some browsers do not allow it, and some have no clipboard at all. */
export async function copy(words: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(words)
    announce(t('waiting.copied'))
  } catch {
    announce(t('waiting.not_copied'))
  }
}
