using RealRelationshipApi.Http;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>A moderator's values, one for each effect of a question; null where an effect has none. All known ones are numbers, or all are texts.</summary>
internal sealed record ModeratorColumn(string Name, ModeratorValue?[] Values)
{
    public bool IsContinuous { get; } = Values.OfType<ModeratorValue>().First().Number is not null;

    /// <summary>The columns that a question names; a problem naming every one that cannot be used.</summary>
    /// <param name="effects">The effects of the question.</param>
    /// <param name="names">What the caller called the moderators.</param>
    /// <param name="member">The member in which the caller did so: <c>by</c> or <c>terms</c>.</param>
    /// <param name="asked">Where the question was asked.</param>
    public static (IReadOnlyList<ModeratorColumn> Columns, Problem? Problem) Find(EffectSet effects, IReadOnlyList<string> names, string member, Asked asked)
    {
        var found = names.Select((name, i) => (Name: name, Pointer: asked.Item(member, i), Values: effects.Moderator(name))).ToList();
        FieldError[] faults = [.. found.Select(c => FaultOf(c.Name, c.Pointer, c.Values)).OfType<FieldError>()];
        return faults.Length > 0 ? ([], Problem.Invalid(faults)) : ([.. found.Select(c => new ModeratorColumn(c.Name, c.Values!))], null);
    }

    private static FieldError? FaultOf(string name, string pointer, ModeratorValue?[]? values)
    {
        if (values is null || Array.TrueForAll(values, v => v is null))
        {
            return new(pointer, "unknownModerator", $"no effect of this question has a moderator '{name}'");
        }

        var kinds = values.OfType<ModeratorValue>().Select(v => v.Number is not null).Distinct().Count();
        return kinds > 1 ? new(pointer, "mixedModerator", $"'{name}' is a number for some effects and a text for others") : null;
    }
}
