using RealRelationshipApi.Http;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Values of a moderator that pass: some values, a range of numbers with both ends included, or both. An effect without the moderator does not
/// pass.</summary>
internal sealed record ModeratorFilter
{
    /// <summary>Values as text, also of a number; null if all pass.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Smallest number that passes.</summary>
    public double? From { get; init; }

    /// <summary>Largest number that passes.</summary>
    public double? To { get; init; }

    internal bool IsEmptyRange => From > To;

    internal Func<ModeratorValue?, bool> CreatePredicate()
    {
        var allowed = Values?.Where(text => text is not null).Select(text => ModeratorValue.Parse(text).ToString()).ToHashSet(StringComparer.Ordinal);
        return value => value is { } known && allowed?.Contains(known.ToString()) != false
            && ((From ?? To) is null || (known.Number is { } number && !(number < From) && !(number > To)));
    }

    /// <summary>Reads <c>moderators.NAME</c>, <c>moderators.NAME.from</c> and <c>moderators.NAME.to</c> of a query.</summary>
    internal static IReadOnlyDictionary<string, ModeratorFilter>? Read(QueryReader query)
    {
        var filters = new SortedDictionary<string, ModeratorFilter>(StringComparer.Ordinal);
        foreach (var parameter in query.NamesStartingWith(EvidenceSnapshot.FreeModeratorPrefix))
        {
            var path = parameter[EvidenceSnapshot.FreeModeratorPrefix.Length..];
            var (name, end) = path.EndsWith(".from", StringComparison.Ordinal) ? (path[..^5], "from")
                : path.EndsWith(".to", StringComparison.Ordinal) ? (path[..^3], "to") : (path, "");
            var known = filters.GetValueOrDefault(name) ?? new();
            filters[name] = end switch
            {
                "from" => known with { From = query.Number(parameter) },
                "to" => known with { To = query.Number(parameter) },
                _ => known with { Values = query.Texts(parameter) },
            };
        }

        return filters.Count == 0 ? null : filters;
    }
}
