using Dapper;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>A clinic that posts its sessions is pooled by them: a summary of the same people would count them twice.</summary>
internal static class SiteSummaryConflicts
{
    /// <summary>The effects of a summary that the tenant's own sessions say already.</summary>
    public static IReadOnlyList<FieldError> FindSessionDuplicates(WriteTransaction transaction, Study study, string tenant)
    {
        if (study.Request.Kind != StudyKind.SiteSummary)
        {
            return [];
        }

        var posted = transaction.Connection.Query<string>("SELECT cell FROM cell_sum WHERE tenant = @tenant", new { tenant })
            .Select(SummaryAssociation.FromStoredKey).ToHashSet();
        return [.. study.Effects.Where(effect => posted.Contains(SummaryAssociation.FromEffect(effect.Request)))
            .Select(
                effect =>
                    new FieldError($"#/effects/{effect.Position}", "postsSessions",
                        "is what this site's own sessions give: it posts them, and they are pooled with source=sessions"))];
    }

    // What a cell of stage 1 is called is outcome type|relationship|outcome|level|alliance, a series instrument/scale/rater.
    private sealed record SummaryAssociation(string OutcomeType, string Relationship, string RelationshipRater, string Outcome, string OutcomeRater,
        string Level)
    {
        public static SummaryAssociation FromStoredKey(string cell)
        {
            var parts = cell.Split('|');
            var (relationship, outcome) = (parts[1].Split('/'), parts[2].Split('/'));
            return new(parts[0], relationship[0], relationship[2], outcome[0], outcome[2], parts[3]);
        }

        // Between therapists stands in the cell between clients.
        public static SummaryAssociation FromEffect(EffectBase effect) => new(
            effect.OutcomeType is { } type ? EnumNames<OutcomeType>.Of(type) : "",
            effect.RelationshipMeasure.ToLowerInvariant(), effect.RelationshipRater is { } rater ? EnumNames<Rater>.Of(rater) : "",
            effect.OutcomeMeasure.ToLowerInvariant(), effect.OutcomeRater is { } other ? EnumNames<Rater>.Of(other) : "",
            EnumNames<EffectLevel>.Of(effect.Level == EffectLevel.BetweenTherapist ? EffectLevel.BetweenClient : effect.Level));
    }
}
