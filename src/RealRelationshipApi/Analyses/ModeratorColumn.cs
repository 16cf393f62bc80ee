using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses;

/// <summary>A moderator's values, one for each effect of a question; null where an effect has none. All known ones are numbers, or all are texts.</summary>
internal sealed record ModeratorColumn(string Name, ModeratorValue?[] Values)
{
    public bool IsContinuous { get; } = Values.OfType<ModeratorValue>().First().Number is not null;

    /// <summary>The columns that a question names; a problem naming every one that cannot be used.</summary>
    /// <param name="effects">The effects of the question.</param>
    /// <param name="names">What the caller called the moderators.</param>
    /// <param name="member">The member in which the caller did so: <c>by</c> or <c>terms</c>.</param>
    /// <param name="location">Where the question was asked.</param>
    public static (IReadOnlyList<ModeratorColumn> Columns, Problem? Problem) Find(EffectSet effects, IReadOnlyList<string> names, string member,
        ErrorLocation location)
    {
        var found = names.Select((name, i) => (Name: name, Pointer: location.Item(member, i), Values: effects.ModeratorValues(name))).ToList();
        FieldError[] errors = [.. found.Select(c => ErrorOf(c.Name, c.Pointer, c.Values)).OfType<FieldError>()];
        return errors.Length > 0 ? ([], Problem.Invalid(errors)) : ([.. found.Select(c => new ModeratorColumn(c.Name, c.Values!))], null);
    }

    private static FieldError? ErrorOf(string name, string pointer, ModeratorValue?[]? values)
    {
        if (values is null || Array.TrueForAll(values, v => v is null))
        {
            return new(pointer, "unknownModerator", $"no effect of this question has a moderator '{name}'");
        }

        var kinds = values.OfType<ModeratorValue>().Select(v => v.Number is not null).Distinct().Count();
        return kinds > 1 ? new(pointer, "mixedModerator", $"'{name}' is a number for some effects and a text for others") : null;
    }
}
