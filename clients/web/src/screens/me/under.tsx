import type { ComponentChildren } from 'preact'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { AsOf } from '../../shell/status_line.tsx'
import { href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'

interface UnderProps {
  title: ComponentChildren
  /** Below the title. */
  lead?: ComponentChildren
  /** When it was read last, while there is no connection. */
  asOf?: number | null
  /** Where it leads back to, if not to Me. */
  out?: { label: ComponentChildren; href: string }
  end?: ComponentChildren
  children?: ComponentChildren
}

/** A page under Me. */
export function Under({ title, lead, asOf, out = { label: t('tabs.me'), href: href('me') }, end, children }: UnderProps) {
  return (
    <PlayerFrame out={out} end={end} stacked>
      <div>
        <Title>{title}</Title>
        {lead !== undefined && <p class="soft">{lead}</p>}
        {asOf != null && <AsOf at={asOf} />}
      </div>
      {children}
    </PlayerFrame>
  )
}

/** A part of a page with its heading. */
export function Part({ title, children }: { title: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="stack tight">
      <h2>{title}</h2>
      {children}
    </section>
  )
}
