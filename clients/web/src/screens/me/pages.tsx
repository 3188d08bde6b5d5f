import '../../text/check_in.ts'
import '../../text/first.ts'
import '../../text/me.ts'
import { AboutPage } from './about.tsx'
import { BothPage } from './both.tsx'
import { CallsPage } from './calls.tsx'
import { CorrectionPage } from './correction.tsx'
import { DataPage } from './data.tsx'
import { DevicesPage } from './devices_page.tsx'
import { Display } from './display.tsx'
import { HidingPage } from './hiding.tsx'
import { HoursPage } from './hours.tsx'
import { LookedPage } from './looked.tsx'
import { MePage } from './me.tsx'
import { NoticePageOf, NoticesPage } from './notices.tsx'
import { RecordPage } from './record.tsx'
import { RemindersPage } from './reminders_page.tsx'
import { ConsentPage, SharingPage } from './sharing.tsx'
import { StoryPage } from './story.tsx'
import { WaitingPage } from './waiting_page.tsx'

export const ME = {
  me: () => <MePage />,
  hours: () => <HoursPage />,
  story: () => <StoryPage />,
  record: () => <RecordPage />,
  correction: () => <CorrectionPage />,
  sharing: () => <SharingPage />,
  shared: (params: { id: string }) => <ConsentPage {...params} />,
  notices: () => <NoticesPage />,
  notice: (params: { id: string }) => <NoticePageOf {...params} />,
  looked: () => <LookedPage />,
  calls: () => <CallsPage />,
  devices: () => <DevicesPage />,
  reminders: () => <RemindersPage />,
  waiting: () => <WaitingPage />,
  both: (params: { uuid: string }) => <BothPage {...params} />,
  display: () => <Display />,
  hiding: () => <HidingPage />,
  data: () => <DataPage />,
  about: () => <AboutPage />,
}
