using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>Names of effects or composites: the citation of the study, with the id where several have the same.</summary>
internal sealed class EffectNames
{
    private readonly Dictionary<string, string> _names;

    public EffectNames(EffectSet effects, PoolResponse pool)
    {
        var citations = (effects.Citations ?? []).Index().DistinctBy(study => effects.Studies[study.Index])
            .ToDictionary(study => effects.Studies[study.Index], study => ShortCitation.Of(study.Item), StringComparer.Ordinal);
        var rows = pool.Studies.Select(row => (row.Id, Name: row.Hypothetical ? "hypothetical" : citations.GetValueOrDefault(row.Study) ?? row.Id)).ToList();
        var repeated = rows.CountBy(row => row.Name).Where(name => name.Value > 1).Select(name => name.Key).ToHashSet(StringComparer.Ordinal);
        _names = rows.DistinctBy(row => row.Id)
            .ToDictionary(row => row.Id, row => repeated.Contains(row.Name) ? $"{row.Name} ({row.Id})" : row.Name, StringComparer.Ordinal);
    }

    /// <summary>The name of a row of the pool; of others, such as samples of nested effects, the id.</summary>
    public string Of(string id) => _names.GetValueOrDefault(id) ?? id;
}
