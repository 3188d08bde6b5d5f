import { Facts } from '../../parts/figures.tsx'
import { Update } from '../instead/update.tsx'
import { appName } from '../../shell/install_prompt.ts'
import { isWaiting, useNewer } from '../../shell/newer.ts'
import { t } from '../../text/text.ts'
import { NEVER } from '../start/never.tsx'
import * as here from '../today/here.ts'
import { Part, Under } from './under.tsx'

declare const APP_VERSION: string

export interface AboutProps {
  name: string
  version: string
  programme: string | null
  /** Where the data are. */
  server: string
  /** A newer version waits. */
  newer: boolean
  onUse: () => void
}

export function About({ name, version, programme, server, newer, onUse }: AboutProps) {
  const facts = [
    [t('about.name'), name],
    [t('about.version'), newer ? version : t('about.newest', { version })],
    [t('about.programme'), programme ?? ''],
    [t('about.server'), server],
  ] as const
  return (
    <Under title={t('me.about')}>
      {newer && <Update onUse={onUse} />}
      <Facts facts={facts.filter(([, value]) => value)} />
      <Part title={t('never.title')}>
        <ul class="dots">
          {NEVER.map((line) => (
            <li key={line}>{t(line)}</li>
          ))}
        </ul>
      </Part>
      <Part title={t('about.open')}>
        <p>{t('about.open_what')}</p>
        <p>
          <a class="tap" href="/static/webapp/licenses.txt" target="_blank" rel="noreferrer">
            {t('about.licences')}
          </a>
        </p>
      </Part>
    </Under>
  )
}

export function AboutPage() {
  return (
    <About
      name={appName.value}
      version={APP_VERSION}
      programme={here.programme()?.doc.name ?? null}
      server={location.host}
      newer={isWaiting.value}
      onUse={() => void useNewer()}
    />
  )
}
