import { PageHead } from "../../ui/page-head.tsx";
import "./overview.css";
import { Banner, ProblemBanner } from "../../ui/banner.tsx";
import { Loading } from "../../ui/load-view.tsx";
import { Charts } from "./charts.tsx";
import { Figures } from "./figure-list.tsx";
import { SnapshotHolderPane } from "./snapshot-holder-pane.tsx";
import { TopFailures } from "./top-failures.tsx";
import { useOverview } from "./use-overview.ts";

/** How everything is: what wants attention, the figures of now, and what happened lately. */
export function OverviewPage() {
  const { overview, trail, problem, reload } = useOverview();
  if (overview === null) {
    return (
      <>
        <PageHead title="Overview" name="Overview" />
        {problem === null ? <Loading /> : <ProblemBanner problem={problem} onRetry={reload} />}
      </>
    );
  }
  return (
    <>
      <PageHead title="Overview" name="Overview" />
      {problem === null ? null : (
        <Banner kind="warning">These figures are old: the last request failed. {problem.detail}</Banner>
      )}
      {overview.snapshotHolder === null ? null : <SnapshotHolderPane holder={overview.snapshotHolder} />}
      <Figures overview={overview} trail={trail} />
      <Charts now={overview.at} />
      <TopFailures />
    </>
  );
}
