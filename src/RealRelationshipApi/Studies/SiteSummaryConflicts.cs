using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>Rejects site summaries of associations that the site's own sessions already provide, as its patients would be pooled twice.</summary>
internal static class SiteSummaryConflicts
{
    /// <summary>One error for each effect of a site summary that the tenant's own sessions already provide.</summary>
    public static IReadOnlyList<FieldError> FindSessionDuplicates(WriteTransaction transaction, Study study, string tenant)
    {
        if (study.Request.Kind != StudyKind.SiteSummary)
        {
            return [];
        }

        var posted = AssociationState.ReadKeys(transaction.Connection, tenant).Select(SummaryAssociation.From).ToHashSet();
        return [.. study.Effects.Where(effect => posted.Contains(SummaryAssociation.From(effect.Request)))
            .Select(effect => new FieldError($"#/effects/{effect.Position}", "postsSessions",
                "is what this site's own sessions give: it posts them, and they are pooled with source=sessions"))];
    }

    private sealed record SummaryAssociation(string OutcomeType, string Relationship, string RelationshipRater, string Outcome, string OutcomeRater,
        string Level)
    {
        public static SummaryAssociation From(AssociationKey key) =>
            new(key.OutcomeType, key.Relationship.Instrument, key.Relationship.Rater, key.Outcome.Instrument, key.Outcome.Rater, key.Level);

        // Sessions provide the association between therapists along with that between clients.
        public static SummaryAssociation From(EffectBase effect) => new(
            effect.OutcomeType is { } type ? EnumNames<OutcomeType>.Of(type) : "",
            effect.RelationshipMeasure.ToLowerInvariant(), effect.RelationshipRater is { } rater ? EnumNames<Rater>.Of(rater) : "",
            effect.OutcomeMeasure.ToLowerInvariant(), effect.OutcomeRater is { } other ? EnumNames<Rater>.Of(other) : "",
            EnumNames<EffectLevel>.Of(effect.Level == EffectLevel.BetweenTherapist ? EffectLevel.BetweenClient : effect.Level));
    }
}
