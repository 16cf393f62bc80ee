using System.Data;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Reports;

/// <summary>Compares the therapists of a site by the scores of their patients.</summary>
internal static class TherapistsReader
{
    /// <summary>Therapists with fewer patients take part in the fit, and are not shown.</summary>
    public const int MinPatients = 5;

    public const double Confidence = 0.95;

    public static IReadOnlyList<TherapistSeries> Read(IDbConnection connection, ColumnEncryption encryption, string tenant, InstrumentSet instruments)
    {
        var caseloads = new Dictionary<ScoreForm, Caseloads>();
        foreach (var (_, record) in PatientRecords.ReadAll(connection, encryption, tenant))
        {
            foreach (var scores in record.Scores.Where(ReportedSeries.IsReported).GroupBy(s => s.Form))
            {
                if (!caseloads.TryGetValue(scores.Key, out var series))
                {
                    caseloads.Add(scores.Key, series = new(ReportedSeries.Of(scores.Key, scores.First().Construct, instruments)));
                }

                series.Add([.. scores.Order(PatientScore.ByTime)]);
            }
        }

        return [.. caseloads.Values.OrderBy(c => c.Series, ReportedSeries.InOrder).Select(c => c.Fit())];
    }

    /// <summary>The values of one series, by therapist.</summary>
    private sealed class Caseloads(ReportedSeries series)
    {
        private readonly SortedDictionary<Pseudonym, List<ClientValue>> _byTherapist = [];
        private long _withoutTherapist;
        private long _withOneScore;

        public ReportedSeries Series => series;

        private TherapistStatistic Statistic => series.Construct switch
        {
            Construct.TreatmentOutcome => TherapistStatistic.LastAdjustedForFirst,
            Construct.TreatmentProgress => TherapistStatistic.Last,
            _ => TherapistStatistic.Mean,
        };

        /// <summary>Adds a patient's scores, in time order.</summary>
        public void Add(List<PatientScore> scores)
        {
            // Of the first treatment that has two scores, as in the association.
            var used = Statistic != TherapistStatistic.LastAdjustedForFirst ? scores
                : scores.GroupBy(s => s.Episode).Select(episode => episode.ToList()).FirstOrDefault(episode => episode.Count > 1);
            if (used is null)
            {
                _withOneScore++;
                return;
            }

            var therapist = PatientContributions.MainTherapist(used);
            if (therapist.IsNone)
            {
                _withoutTherapist++;
                return;
            }

            if (!_byTherapist.TryGetValue(therapist, out var values))
            {
                _byTherapist.Add(therapist, values = []);
            }

            values.Add(Statistic switch
            {
                TherapistStatistic.LastAdjustedForFirst => new(Own(used[^1]), Own(used[0])),
                TherapistStatistic.Last => new(Own(used[^1])),
                _ => new(used.Average(Own)),
            });
        }

        public TherapistSeries Fit()
        {
            var shown = _byTherapist.Values.Count(v => v.Count >= MinPatients);
            var fit = shown < 2 ? null : TherapistEffects.Fit([.. _byTherapist.Values], Confidence);
            return new()
            {
                Series = series,
                Statistic = Statistic,
                Patients = _byTherapist.Values.Sum(v => v.Count),
                PatientsWithoutTherapist = _withoutTherapist,
                PatientsWithOneScore = _withOneScore,
                Therapists = _byTherapist.Count,
                TherapistsBelowMinimum = _byTherapist.Count - shown,
                SuppressedBecause = shown < 2 ? "tooFewTherapists" : fit is null ? "noVariance" : null,
                Mean = fit?.Mean,
                BetweenVariance = fit?.BetweenVariance,
                WithinVariance = fit?.WithinVariance,
                IntraclassCorrelation = fit?.IntraclassCorrelation,
                Slope = fit?.Slope,
                Effects = fit is null ? [] : [.. _byTherapist.Keys.Zip(fit.Therapists).Where(t => t.Second.Clients >= MinPatients)
                    .OrderByDescending(t => series.Turn(t.Second.Estimate)).ThenByDescending(t => series.Turn(t.Second.Observed))
                    .Select(t => ToResponse(t.First, t.Second))],
            };
        }

        private double Own(PatientScore score) => series.Turn(score.Value);

        private static TherapistEffectResponse ToResponse(Pseudonym therapist, TherapistEffect effect) => new(therapist.ToString(), effect.Clients,
            effect.Observed, effect.Estimate, effect.StandardError, effect.Lower, effect.Upper, effect.Weight);
    }
}
