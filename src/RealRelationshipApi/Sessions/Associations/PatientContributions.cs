namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Which relationship scores predict treatment outcome.</summary>
internal enum OutcomeWindow
{
    /// <summary>The score nearest to session 3, of sessions 2 to 4.</summary>
    Session3,

    /// <summary>The score of session 1.</summary>
    Session1,

    /// <summary>The mean over the first quarter of the sessions.</summary>
    FirstQuarter,

    /// <summary>The mean over all sessions before the last outcome.</summary>
    AllMean,
}

/// <summary>Computes a patient's contribution to each cell from the patient's current scores alone.</summary>
/// <remarks>
/// <code>
/// scores ─► series (one form each) ─► pairs of a relationship and an outcome series
///   session outcome:    x and y of the same session; within the client and of the client's means
///   treatment outcome:  x in the window, y before and after, one pair per client
///   treatment progress: the last rating of change with the x of the same or an earlier session
/// </code>
/// </remarks>
internal sealed class PatientContributions
{
    private const string Total = "total";

    private readonly SortedDictionary<string, PatientContribution> _byAssociation = new(StringComparer.Ordinal);
    private readonly OutcomeWindow _window;

    private PatientContributions(OutcomeWindow window) => _window = window;

    public IReadOnlyDictionary<string, PatientContribution> ByAssociation => _byAssociation;

    public Exclusions Excluded { get; } = new();

    public static PatientContributions Compute(PatientRecord record, OutcomeWindow window)
    {
        var shares = new PatientContributions(window);
        shares.Excluded.Add("wrongStatus", record.Scores.Count(s => s.State == ScoreState.Held));
        shares.Excluded.Add("retracted", record.Scores.Count(s => s.State == ScoreState.Retracted));
        var series = shares.SplitIntoSeries(record.Scores.Where(s => s.State == ScoreState.Analysed));
        foreach (var x in series.Where(s => s.Construct == ConstructNames.RealRelationship))
        {
            foreach (var y in series)
            {
                shares.AddPair(x, y, series);
            }
        }

        shares.CountUnpaired(series);
        return shares;
    }

    private void AddPair(ScoreSeries x, ScoreSeries y, IReadOnlyList<ScoreSeries> all)
    {
        switch (y.Construct)
        {
            case ConstructNames.SessionOutcome:
                AddSessionPairs(x, y, null);
                foreach (var alliance in all.Where(a => a.Construct == ConstructNames.Alliance && a.Name.Scale == Total))
                {
                    AddSessionPairs(x, y, alliance);
                }

                break;
            case ConstructNames.TreatmentOutcome:
                AddTreatmentPair(x, y);
                break;
            case ConstructNames.TreatmentProgress:
                AddProgressPair(x, y);
                break;
            default:
                break;
        }
    }

    private void AddSessionPairs(ScoreSeries x, ScoreSeries y, ScoreSeries? alliance)
    {
        var pairs = x.BySession.Where(p => y.BySession.ContainsKey(p.Key) && alliance?.BySession.ContainsKey(p.Key) != false).Select(p => p.Value)
            .Order(PatientScore.ByTime).ToList();
        if (pairs.Count == 0)
        {
            return;
        }

        var stratum = MainTherapist(pairs);
        var numbered = pairs.TrueForAll(p => p.SessionNumber > 0);
        var within = pairs.Select((p, i) => Values(p, numbered ? p.SessionNumber : i + 1, withTime: true)).ToList();
        var between = pairs.Select(p => Values(p, 0, withTime: false)).ToList();
        AddContribution(new(AssociationKey.SessionOutcome, x.Name, y.Name, AssociationKey.BetweenClient, alliance?.Name),
            PatientContribution.Between(stratum, pairs.Count, PatientContribution.Means(between)));
        if (pairs.Count > 1)
        {
            AddContribution(new(AssociationKey.SessionOutcome, x.Name, y.Name, AssociationKey.WithinClient, alliance?.Name),
                PatientContribution.Within(stratum, within));
        }
        else if (alliance is null)
        {
            Excluded.Add("oneSession");
        }

        double[] Values(PatientScore pair, double time, bool withTime) =>
            [pair.Value, y.BySession[pair.Session].Value, .. withTime ? [time] : Array.Empty<double>(),
                .. alliance is null ? [] : new[] { alliance.BySession[pair.Session].Value }];
    }

    // One pair per client: from the first treatment that has one.
    private void AddTreatmentPair(ScoreSeries x, ScoreSeries y)
    {
        string? reason = null;
        foreach (var episode in x.Scores.Select(s => s.Episode).Distinct())
        {
            var (xs, ys) = (x.OfEpisode(episode), y.OfEpisode(episode));
            if (ys.Count == 0)
            {
                reason ??= "noPair";
                continue;
            }

            var pre = ys[0];
            if (!pre.IsAtOrBefore(xs[0]))
            {
                reason ??= "noPreScore";
                continue;
            }

            var post = ys[^1];
            var early = InWindow(xs, ys);
            if (ReferenceEquals(pre, post) || early.Count == 0)
            {
                reason ??= "noPair";
                continue;
            }

            var before = early.FindAll(s => s.IsBefore(post));
            if (before.Count == 0)
            {
                reason ??= "xAfterPost";
                continue;
            }

            AddContribution(new(AssociationKey.TreatmentOutcome, x.Name, y.Name, AssociationKey.BetweenClient, null),
                PatientContribution.Between(MainTherapist(before), 1, [before.Average(s => s.Value), post.Value, pre.Value]));
            return;
        }

        if (reason is not null)
        {
            Excluded.Add(reason);
        }
    }

    private List<PatientScore> InWindow(List<PatientScore> xs, List<PatientScore> ys)
    {
        var numbers = SessionNumbers(xs, ys);
        switch (_window)
        {
            case OutcomeWindow.Session1:
                return xs.FindAll(s => numbers[s] == 1);
            case OutcomeWindow.FirstQuarter:
                var last = Math.Max(1, (long)Math.Ceiling(numbers.Values.Max() / 4.0));
                return xs.FindAll(s => numbers[s] <= last);
            case OutcomeWindow.AllMean:
                return xs;
            default:
                return [.. xs.Where(s => numbers[s] is >= 2 and <= 4).OrderBy(s => Math.Abs(numbers[s] - 3)).ThenBy(s => numbers[s]).Take(1)];
        }
    }

    // Session numbers as sent, otherwise ranks in time.
    private static Dictionary<PatientScore, long> SessionNumbers(List<PatientScore> xs, List<PatientScore> ys)
    {
        var all = xs.Concat(ys).Order(PatientScore.ByTime).ToList();
        var numbers = new Dictionary<PatientScore, long>();
        var places = new Dictionary<Pseudonym, long>();
        long place = 0;
        foreach (var score in all)
        {
            if (score.Session.IsNone || !places.TryGetValue(score.Session, out var known))
            {
                known = ++place;
                if (!score.Session.IsNone)
                {
                    places[score.Session] = known;
                }
            }

            numbers[score] = score.SessionNumber > 0 ? score.SessionNumber : known;
        }

        return numbers;
    }

    private void AddProgressPair(ScoreSeries x, ScoreSeries y)
    {
        var last = y.Scores[^1];
        if (x.Scores.FindLast(s => s.IsAtOrBefore(last)) is not { } pair)
        {
            Excluded.Add("noPair");
            return;
        }

        AddContribution(new(AssociationKey.TreatmentProgress, x.Name, y.Name, AssociationKey.BetweenClient, null),
            PatientContribution.Between(MainTherapist([pair]), 1, [pair.Value, last.Value]));
    }

    private void CountUnpaired(IReadOnlyList<ScoreSeries> series)
    {
        var relationship = Sessions(ConstructNames.RealRelationship);
        relationship.SymmetricExceptWith(Sessions(ConstructNames.SessionOutcome));
        Excluded.Add("noPair", relationship.Count);

        HashSet<Pseudonym> Sessions(string construct) => [.. series.Where(s => s.Construct == construct).SelectMany(s => s.BySession.Keys)];
    }

    // A change of form within an instrument ends the series, as later scores are not comparable.
    private List<ScoreSeries> SplitIntoSeries(IEnumerable<PatientScore> scores)
    {
        var series = new List<ScoreSeries>();
        foreach (var group in scores.GroupBy(s => new SeriesKey(s.Form.Instrument, s.Form.Scale, s.Form.Rater))
            .OrderBy(g => g.Key.Text, StringComparer.Ordinal))
        {
            var inTime = group.Order(PatientScore.ByTime).ToList();
            var form = inTime[0].Form;
            Excluded.Add("formChanged", inTime.RemoveAll(s => s.Form != form));
            series.Add(new(group.Key, inTime[0].Construct, inTime));
        }

        return series;
    }

    // The therapist of most of the included sessions; the first one among equals.
    private static Pseudonym MainTherapist(IReadOnlyList<PatientScore> scores) => scores.GroupBy(s => s.Therapist).MaxBy(g => g.Count())!.Key;

    private void AddContribution(AssociationKey cell, PatientContribution share) => _byAssociation.Add(cell.Text, share);

    private sealed class ScoreSeries(SeriesKey name, string construct, List<PatientScore> scores)
    {
        public SeriesKey Name => name;

        public string Construct => construct;

        /// <summary>Scores in time order.</summary>
        public List<PatientScore> Scores => scores;

        /// <summary>The last score of each session.</summary>
        public Dictionary<Pseudonym, PatientScore> BySession { get; } = scores.Where(s => !s.Session.IsNone).GroupBy(s => s.Session)
            .ToDictionary(g => g.Key, g => g.Last());

        public List<PatientScore> OfEpisode(Pseudonym episode) => scores.FindAll(s => s.Episode == episode);
    }
}

/// <summary>Constructs by their names in the catalogue.</summary>
internal static class ConstructNames
{
    public const string RealRelationship = "realRelationship";
    public const string SessionOutcome = "sessionOutcome";
    public const string TreatmentOutcome = "treatmentOutcome";
    public const string TreatmentProgress = "treatmentProgress";
    public const string Alliance = "alliance";
}
