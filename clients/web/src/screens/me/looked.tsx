import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { language, t } from '../../text/text.ts'
import { tel } from '../help/numbers.ts'
import * as here from '../today/here.ts'
import { Part, Under } from './under.tsx'

export interface LookedProps {
  programme: string | null
  /** Who answers questions about privacy there. */
  contact: { title: string; number: string; email: string } | null
}

/** No document says it yet, so the page says who does. */
export function Looked({ programme, contact }: LookedProps) {
  return (
    <Under title={t('looked.title')}>
      <Notice title={t('looked.not_here')}>
        <p>{programme ? t('looked.kept', { programme }) : t('looked.kept_there')}</p>
      </Notice>
      <p>{t('looked.right')}</p>
      {contact && (
        <Part title={contact.title}>
          <Button icon="call" lead href={tel(contact.number)} end={contact.number}>
            {t('looked.call')}
          </Button>
          <Button icon="letter" lead href={`mailto:${contact.email}`} hint={contact.email}>
            {t('looked.write')}
          </Button>
        </Part>
      )}
    </Under>
  )
}

export function LookedPage() {
  const doc = here.programme()?.doc
  const privacy = doc?.contacts.privacy
  const title = privacy && (privacy.title[language.value] ?? privacy.title.en ?? '')
  return <Looked programme={doc?.name ?? null} contact={privacy ? { title: title || t('looked.who'), number: privacy.number, email: privacy.email } : null} />
}
