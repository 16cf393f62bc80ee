using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.News;

/// <summary>What steps of the evidence changed for a question. Nothing of a step depends on later ones, so that its news stay the same; withdrawn
/// associations, which leave earlier revisions, too, are the exception.</summary>
internal sealed class NewsAnalysis(FilterRequest filter, ModelRequest? request)
{
    /// <summary>Verdicts of the moderators at a revision, which need not be computed again.</summary>
    public (long Revision, IReadOnlyDictionary<string, string> Verdicts)? KnownVerdicts { get; init; }

    // The last state that was fitted: each is the end of one step and the start of the next.
    private Fitted? _last;

    /// <summary>News of a step, after those of earlier steps; null if it changed nothing that the question selects.</summary>
    public NewsItem? Next(EvidenceStep step)
    {
        var diff = EvidenceDiff.Compare(filter, step.Before, step.After);
        var begins = IsSwitch(diff);
        if (Describe(step, diff) is not { } subject)
        {
            // The same effects at another revision.
            _last = _last is { } same ? same with { Pool = same.Pool with { Effects = diff.To } } : null;
            return null;
        }

        var before = begins || diff.From.Count == 0 ? null : _last ?? Fit(diff.From);
        _last = Fit(diff.To);
        return new(step.After.Revision, UtcTimestamp.Parse(step.Change.Entry.RecordedAt), subject, before?.ToPool(), _last.ToPool(),
            OriginOf(diff), begins, begins && diff.To.Synthetic == SyntheticChoice.Exclude ? SyntheticOfOthers(diff.From, subject.Study) : 0,
            before is null ? [] : Conclusions.Changed(before.Conclusions, _last.Conclusions));
    }

    /// <summary>Whether a step switches between synthetic and real evidence, which news do not span.</summary>
    public bool IsSwitch(EvidenceStep step) =>
        EvidenceSelection.Resolve(filter, step.Before).Synthetic != EvidenceSelection.Resolve(filter, step.After).Synthetic;

    /// <summary>Marks items that are not the first with an estimate, or without one.</summary>
    /// <param name="steps">The steps with their news.</param>
    /// <param name="historyOf">Reads all versions of studies.</param>
    public async Task<IReadOnlyList<(EvidenceStep Step, NewsItem? Item)>> MarkPrecedentsAsync(IReadOnlyList<(EvidenceStep Step, NewsItem? Item)> steps,
        Func<IReadOnlyList<string>, Task<IReadOnlyList<StudyRecord>>> historyOf)
    {
        if (!steps.Any(one => NeedsPrecedent(one.Item)))
        {
            return steps;
        }

        var history = await historyOf(StudiesWithHistory(steps[^1].Step.Before));
        // Each version is selected from once for each way in which the filter is resolved, however many items there are.
        var first = new Dictionary<SyntheticChoice, long>();
        return [.. steps.Select(one => NeedsPrecedent(one.Item) ? (one.Step, one.Item! with { HasPrecedent = HasPrecedent(one.Step, FirstSelected) }) : one)];

        long FirstSelected(FilterRequest resolved)
        {
            if (!first.TryGetValue(resolved.Synthetic!.Value, out var revision))
            {
                revision = history.Where(version => EvidenceSelection.Apply(resolved, EvidenceSnapshot.FromVersion(version)).Count > 0)
                    .Select(version => version.Revision).DefaultIfEmpty(long.MaxValue).Min();
                first.Add(resolved.Synthetic.Value, revision);
            }

            return revision;
        }
    }

    private static bool NeedsPrecedent(NewsItem? item) => item is not null && item.Before?.Response.Pooled is null;

    // Former releases are not read.
    private bool HasPrecedent(EvidenceStep step, Func<FilterRequest, long> firstSelected) =>
        (TakesReleases && step.Before.HasReleases) || firstSelected(EvidenceSelection.Resolve(filter, step.After)) <= step.Before.Revision;

    private bool TakesReleases => filter.Source is SourceChoice.Sessions or SourceChoice.All;

    private static string[] StudiesWithHistory(EvidenceSnapshot evidence) =>
        [.. evidence.Segments.SelectMany(segment => Enumerable.Range(0, segment.Count)
                .Where(row => !segment.IsReleased[row] && segment.Versions[row].Number > 1).Select(row => segment.Studies[row]))
            .Concat(evidence.Registered.Where(registered => registered.Study.Version > 1).Select(registered => registered.Study.Key))
            .Distinct(StringComparer.Ordinal)];

    private EvidenceOrigin OriginOf(EvidenceDiff diff) => diff.To.Synthetic switch
    {
        _ when filter.Synthetic is not (null or SyntheticChoice.Auto) => EvidenceOrigin.Asked,
        SyntheticChoice.Only => EvidenceOrigin.Synthetic,
        SyntheticChoice.Include => EvidenceOrigin.Both,
        _ when diff.To.Excluded.All(exclusion => exclusion.Reason != "synthetic") && !(IsSwitch(diff) && diff.From.Count > 0) => EvidenceOrigin.Asked,
        _ => TakesReleases ? EvidenceOrigin.RealEvidence : EvidenceOrigin.RealStudies,
    };

    private static int SyntheticOfOthers(EffectSet effects, string study) => effects.ModeratorValues("synthetic") is { } synthetic
        ? Enumerable.Range(0, effects.Count).Count(row => synthetic[row]?.Text == "true" && effects.Studies[row] != study) : 0;

    private static bool IsSwitch(EvidenceDiff diff) => diff.From.Synthetic != diff.To.Synthetic;

    private Fitted Fit(EffectSet effects)
    {
        var (resolved, problem) = ResolvedModel.Resolve(request, effects, ErrorLocation.InQuery);
        if (resolved is null)
        {
            var error = problem!.Errors[0];
            return new(new(effects, null, new(error.Code, $"{error.Pointer[1..]} {error.Detail}")), FallbackModel(effects), Conclusions.None);
        }

        var model = resolved with { Artifacts = ArtifactCorrection.None };
        var pool = PoolAtRevision.Of(effects, model);
        return new(pool, model, Conclusions.Of(effects, pool, model, request,
            KnownVerdicts is { } known && known.Revision == effects.Revision ? known.Verdicts : null));
    }

    private static ResolvedModel FallbackModel(EffectSet effects) => ResolvedModel.Resolve(null, effects, ErrorLocation.InQuery).Model!;

    private static NewsSubject? Describe(EvidenceStep step, EvidenceDiff diff)
    {
        var (kind, study) = (step.Change.Entry.Kind, SubjectOf(step));
        if (kind == ChangeKinds.Withdrawn)
        {
            return diff.To.Excluded.Any(exclusion => exclusion.Reason == Withdrawals.Reason)
                ? new(NewsKind.Withdrawn, study, null, 0, null, 0, false) : null;
        }

        var own = diff.Changes.Where(change => change.Study == study).ToList();
        var others = diff.Changes.Count - own.Count;
        var (was, @is) = (Rows(diff.From, study), Rows(diff.To, study));
        var (wasRegistered, isRegistered) = (Registered(diff.From, study), Registered(diff.To, study));
        NewsKind? news = kind == ChangeKinds.Released ? own.Count > 0 ? NewsKind.Released : null
            : own.Count > 0 || IsRecoded(diff, was, @is)
                ? @is.Length == 0 ? kind == ChangeKinds.Retracted ? NewsKind.Retracted : NewsKind.Deselected
                : was.Length == 0 ? NewsKind.Added : NewsKind.Replaced
            : isRegistered is not null && wasRegistered is null ? NewsKind.Registered
            : isRegistered is null && wasRegistered is not null ? NewsKind.Unregistered
            : others > 0 ? NewsKind.Others : null;
        if (IsSwitch(diff))
        {
            if (diff.From.Count + diff.To.Count == 0)
            {
                return null;
            }

            // Other effects left for real evidence, or came for want of it.
            news = kind == ChangeKinds.Released ? NewsKind.Released
                : diff.To.Synthetic == SyntheticChoice.Exclude ? @is.Length > 0 ? NewsKind.Added : NewsKind.Others : news ?? NewsKind.Others;
        }

        if (news is null)
        {
            return null;
        }

        var (effects, rows) = news == NewsKind.Others ? (diff.To, []) : @is.Length > 0 ? (diff.To, @is) : (diff.From, was);
        return new(news.Value, study, (isRegistered ?? wasRegistered)?.Citation ?? CitationOf(step.After, study) ?? CitationOf(step.Before, study),
            news == NewsKind.Released ? own.Count : rows.Length, Participants(effects, rows), IsSwitch(diff) ? 0 : others,
            rows.Length > 0 && effects.ModeratorValues("synthetic")?[rows[0]]?.Text == "true");
    }

    private static Citation? CitationOf(EvidenceSnapshot evidence, string study) => evidence.Segments
        .Select(segment => (Segment: segment, Row: segment.Studies.IndexOf(study))).FirstOrDefault(found => found.Row >= 0) is { Segment: { } segment } found
            ? segment.Citations[found.Row] : null;

    // Sites are named by their release: the change log names their tenant.
    private static string SubjectOf(EvidenceStep step) => step.Change.Entry.Kind is ChangeKinds.Released or ChangeKinds.Withdrawn
        ? step.After.SiteOf(step.Change.Entry.Tenant) ?? "" : step.Change.Subject.Subject;

    private static int[] Rows(EffectSet effects, string study) => [.. effects.Studies.Index().Where(row => row.Item == study).Select(row => row.Index)];

    private static StudyRecord? Registered(EffectSet effects, string study) => effects.Registered.FirstOrDefault(registered => registered.Key == study);

    // Another value of a moderator changes no pooled effect, but may change a verdict.
    private static bool IsRecoded(EvidenceDiff diff, int[] was, int[] @is) => was.Length == @is.Length && Conclusions.Moderators.Any(name =>
        diff.From.ModeratorValues(name) is { } before && diff.To.ModeratorValues(name) is { } after
            && !was.Select(row => before[row]).SequenceEqual(@is.Select(row => after[row])));

    private static double? Participants(EffectSet effects, int[] rows) => rows.Length == 0 ? null
        : rows.GroupBy(row => effects.Samples[row], row => effects.Participants[row]).Aggregate((double?)0, (sum, sample) => sum + sample.Max());

    private sealed record Fitted(PoolAtRevision Pool, ResolvedModel Model, Conclusions Conclusions)
    {
        public NewsPool ToPool() => new(Pool.ToResponse(Model), Model.Dependence, Model.Confidence);
    }
}
