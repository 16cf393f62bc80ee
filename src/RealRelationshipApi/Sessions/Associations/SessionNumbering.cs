namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Numbers of the sessions of one treatment, from 1: as sent, otherwise by rank in time.</summary>
/// <remarks>Ranks count sessions that have a key, or the scores of the relationship if none has. A score without key has the number of the session before
/// it: a questionnaire that was filled in between is no session.</remarks>
internal sealed class SessionNumbering
{
    private readonly Dictionary<Pseudonym, long> _numbers = [];
    private readonly List<long> _starts;
    private readonly List<PatientScore>? _keyless;

    /// <param name="scores">All scores of the treatment.</param>
    /// <param name="relationship">Those of one relationship series, in time order.</param>
    public SessionNumbering(IEnumerable<PatientScore> scores, List<PatientScore> relationship)
    {
        var sessions = scores.Where(s => !s.Session.IsNone).GroupBy(s => s.Session).Select(g => (g.Key, First: g.Min(PatientScore.ByTime)!,
            Sent: g.Select(s => s.SessionNumber).FirstOrDefault(n => n > 0))).OrderBy(s => s.First, PatientScore.ByTime).ToList();
        foreach (var (i, session) in sessions.Index())
        {
            _numbers.Add(session.Key, session.Sent > 0 ? session.Sent : i + 1);
        }

        _keyless = sessions.Count == 0 ? relationship : null;
        _starts = (_keyless ?? sessions.ConvertAll(s => s.First)).ConvertAll(s => s.OccurredAt);
    }

    public long NumberOf(PatientScore score) => score.SessionNumber > 0 ? score.SessionNumber
        : !score.Session.IsNone ? _numbers[score.Session]
        : _keyless?.IndexOf(score) is { } index and >= 0 ? index + 1
        : Math.Max(1, _starts.Count(start => start <= score.OccurredAt));

    /// <summary>Numbers of release 0.1, where every score without key counted as a session: what its sums contain is subtracted with these.</summary>
    public static Dictionary<Pseudonym, long> OfRelease01(List<PatientScore> xs, List<PatientScore> ys)
    {
        var numbers = new Dictionary<Pseudonym, long>();
        var places = new Dictionary<Pseudonym, long>();
        long place = 0;
        foreach (var score in xs.Concat(ys).Order(PatientScore.ByTime))
        {
            if (score.Session.IsNone || !places.TryGetValue(score.Session, out var known))
            {
                known = ++place;
                if (!score.Session.IsNone)
                {
                    places[score.Session] = known;
                }
            }

            numbers[score.Measure] = score.SessionNumber > 0 ? score.SessionNumber : known;
        }

        return numbers;
    }
}
