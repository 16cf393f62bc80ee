using RealRelationship.Statistics.SessionCorrelations;

using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Associations;

/// <summary>Compares a site's associations with the pooled effects of all others with the same outcome type, raters, level and adjustment.</summary>
internal sealed class SiteStanding(EvidenceSnapshot evidence, string tenant, double confidence)
{
    private readonly Dictionary<(string OutcomeType, string RelationshipRater, string OutcomeRater, string Level, bool IsAdjusted), ModelFit?> _pools = [];
    private readonly OneOrMany<string>? _ownStudies = OneOrMany<string>.FromValues(evidence.StudiesOf(tenant));

    /// <summary>Null if nothing comparable can be pooled, or if there is no prediction interval.</summary>
    public StandingDetails? Of(SiteAssociation association)
    {
        if (association is not { Z: { } z, StandardError: { } error, Df: { } df, Key.Alliance: null } || CachedPool(association) is not { } pool
            || pool.Prediction is not { Interval: { } effects } prediction)
        {
            return null;
        }

        var estimates = prediction.IntervalOfEstimate(error)!.Value;
        var standing = ClinicStanding.Classify(z, error, df, effects, estimates, confidence);
        var difference = z - pool.Mean.Estimate;
        return new(standing, difference, difference < 0 ? pool.Mean.Estimate - estimates.Lower : estimates.Upper - pool.Mean.Estimate,
            pool.Frame.Effects.Samples.Distinct(StringComparer.Ordinal).Count(), Math.Tanh(effects.Lower), Math.Tanh(effects.Upper));
    }

    private ModelFit? CachedPool(SiteAssociation association)
    {
        var cell = association.Key;
        var key = (cell.OutcomeType, cell.Relationship.Rater, cell.Outcome.Rater, association.Level, association.AdjustedFor.Count > 0);
        if (!_pools.TryGetValue(key, out var pool))
        {
            _pools.Add(key, pool = Pool(Filter(key)));
        }

        return pool;
    }

    private FilterRequest Filter((string OutcomeType, string RelationshipRater, string OutcomeRater, string Level, bool IsAdjusted) key) => new()
    {
        Source = SourceChoice.All,
        OutcomeType = new([EnumNames<OutcomeType>.Parse(key.OutcomeType)]),
        RelationshipRater = new([EnumNames<Rater>.Parse(key.RelationshipRater)]),
        OutcomeRater = new([EnumNames<Rater>.Parse(key.OutcomeRater)]),
        Level = new([EnumNames<LevelChoice>.Parse(key.Level)]),
        Adjusted = new([key.IsAdjusted]),
        Exclude = _ownStudies,
    };

    private ModelFit? Pool(FilterRequest filter)
    {
        var effects = EvidenceSelection.Apply(filter, evidence);
        return ResolvedModel.Resolve(new ModelRequest { Confidence = confidence }, effects, ErrorLocation.InQuery).Model is { } model
            ? PoolAtRevision.Of(effects, model).Fit : null;
    }
}

/// <summary>A standing and the numbers that it rests on.</summary>
/// <param name="Standing">The standing.</param>
/// <param name="Difference">Difference from the pooled effect, on Fisher z.</param>
/// <param name="Limit">Difference that an ordinary clinic of this size rarely exceeds, positive, on Fisher z.</param>
/// <param name="Sites">Number of samples pooled.</param>
/// <param name="PredictionLower">Lower prediction limit, as r.</param>
/// <param name="PredictionUpper">Upper prediction limit, as r.</param>
internal sealed record StandingDetails(Standing Standing, double Difference, double Limit, long Sites, double PredictionLower, double PredictionUpper);
