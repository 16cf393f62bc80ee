using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses;

/// <summary>Values of a moderator, one per effect; null if missing. The others are either all numbers or all texts.</summary>
internal sealed record ModeratorColumn(string Name, ModeratorValue?[] Values)
{
    /// <summary>The most levels of a categorical moderator: each pair of them is a contrast.</summary>
    public const int MaxLevels = 100;

    public bool IsContinuous { get; } = Values.OfType<ModeratorValue>().First().Number is not null;

    /// <summary>Finds moderators by name; returns a problem that lists all unusable ones.</summary>
    /// <param name="effects">The effects.</param>
    /// <param name="names">Names of the moderators.</param>
    /// <param name="member">The request member with the names: <c>by</c> or <c>terms</c>.</param>
    /// <param name="location">Whether the request is a query or a body.</param>
    public static (IReadOnlyList<ModeratorColumn> Columns, Problem? Problem) Find(EffectSet effects, IReadOnlyList<string> names, string member,
        ErrorLocation location)
    {
        var found = names.Select((name, i) => (Name: name, Pointer: location.Item(member, i), Values: effects.ModeratorValues(name))).ToList();
        FieldError[] errors = [.. found.Select(c => ErrorOf(effects, c.Name, c.Pointer, c.Values)).OfType<FieldError>()];
        return errors.Length > 0 ? ([], Problem.Invalid(errors)) : ([.. found.Select(c => new ModeratorColumn(c.Name, c.Values!))], null);
    }

    /// <summary>The design of a regression on moderators that every row has.</summary>
    public static DesignMatrix ToDesign(IReadOnlyList<ModeratorColumn> columns, ModelFrame frame) =>
        columns.Aggregate(DesignMatrix.WithIntercept(frame.Count), (design, column) =>
        {
            var rows = frame.Members.Select(m => column.Values[m[0]]!.Value);
            return column.IsContinuous
                ? design.Add(new ContinuousTerm(column.Name, [.. rows.Select(v => v.Number!.Value)]))
                : design.Add(new CategoricalTerm(column.Name, [.. rows.Select(v => v.Text!)]));
        });

    private static FieldError? ErrorOf(EffectSet effects, string name, string pointer, ModeratorValue?[]? values)
    {
        if (values is null || Array.TrueForAll(values, v => v is null))
        {
            return effects.UnknownModerator(pointer, name);
        }

        var kinds = values.OfType<ModeratorValue>().Select(v => v.Number is not null).Distinct().Count();
        if (kinds > 1)
        {
            return new(pointer, "mixedModerator", $"'{name}' is a number for some effects and a text for others");
        }

        var levels = values.OfType<ModeratorValue>().Select(v => v.Text).Distinct(StringComparer.Ordinal).Count();
        return levels > MaxLevels ? new(pointer, "tooManyLevels", $"'{name}' has {levels} levels, and {MaxLevels} are the most that can be compared") : null;
    }
}
