using System.Globalization;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Regression;

/// <summary>Terms of a regression with the values of their moderators.</summary>
internal sealed class RegressionTerms
{
    private readonly Dictionary<string, ModeratorValue?[]> _values;
    private readonly IReadOnlyDictionary<string, ModeratorKind> _kinds;

    private RegressionTerms(IReadOnlyList<RegressionTerm> terms, Dictionary<string, ModeratorValue?[]> values,
        IReadOnlyDictionary<string, ModeratorKind> kinds) => (Terms, _values, _kinds) = (terms, values, kinds);

    public IReadOnlyList<RegressionTerm> Terms { get; }

    /// <summary>Names of the moderators, in the order of the terms.</summary>
    public IEnumerable<string> Moderators => _values.Keys;

    /// <summary>Moderators with their values.</summary>
    public IEnumerable<ModeratorColumn> Columns => _values.Select(column => new ModeratorColumn(column.Key, column.Value));

    /// <summary>Finds terms by name; returns a problem that lists all unusable ones.</summary>
    /// <param name="effects">The effects.</param>
    /// <param name="names">The terms.</param>
    /// <param name="kinds">Kinds of moderators where they are not those of their values.</param>
    /// <param name="member">The request member with the terms.</param>
    /// <param name="location">Whether the request is a query or a body.</param>
    public static (RegressionTerms? Terms, IReadOnlyList<FieldError> Errors) Find(EffectSet effects, IReadOnlyList<string> names,
        IReadOnlyDictionary<string, ModeratorKind>? kinds, string member, ErrorLocation location)
    {
        var (terms, errors, values) = (new List<RegressionTerm>(), new List<FieldError>(), new Dictionary<string, ModeratorValue?[]>(StringComparer.Ordinal));
        bool IsKnown(string name) => values.ContainsKey(name) || Exists(effects.ModeratorValues(name));
        kinds ??= new Dictionary<string, ModeratorKind>();
        foreach (var (i, name) in names.Index())
        {
            var pointer = location.Item(member, i);
            if (RegressionTerm.Parse(name, IsKnown) is not { } term)
            {
                errors.Add(Unknown(pointer, name, effects));
                continue;
            }

            if (terms.Find(term.IsSameProduct) is { } same)
            {
                errors.Add(new(pointer, "sameTerm", $"'{name}' is the term '{same.Name}' again: leave one out"));
                continue;
            }

            foreach (var factor in term.Factors)
            {
                if (values.TryAdd(factor.Moderator, effects.ModeratorValues(factor.Moderator)!)
                    && ErrorOf(factor.Moderator, values[factor.Moderator], kinds, pointer) is { } error)
                {
                    errors.Add(error);
                }
                else if (factor.Power > 1 && !IsContinuous(values[factor.Moderator], kinds, factor.Moderator))
                {
                    errors.Add(new(pointer, "powerOfCategorical", $"'{factor.Moderator}' is categorical, and has no powers: name it without one"));
                }
            }

            terms.Add(term);
        }

        return (errors.Count > 0 ? null : new(terms, values, kinds), errors);
    }

    /// <summary>Indices of the effects that have all moderators.</summary>
    public IEnumerable<int> Complete(EffectSet effects) => Enumerable.Range(0, effects.Count).Where(i => _values.Values.All(column => column[i] is not null));

    /// <summary>Values of an effect, to tell effects of a sample apart.</summary>
    public string KeyOf(int effect) => string.Join('\u001f', _values.Values.Select(column => column[effect]));

    public bool IsContinuous(string moderator) => IsContinuous(_values[moderator], _kinds, moderator);

    /// <summary>Columns of a term: a number has one, a categorical moderator one less than its levels.</summary>
    public double ColumnsOf(RegressionTerm term) => term.Factors.Aggregate(1.0, (product, factor) => IsContinuous(factor.Moderator) ? product
        : product * Math.Max(1, _values[factor.Moderator].OfType<ModeratorValue>().Distinct().Count() - 1));

    /// <summary>The number of a continuous moderator.</summary>
    public double NumberOf(string moderator, int effect) => Number(_values[moderator][effect]!.Value)!.Value;

    /// <summary>The columns for the rows of a frame.</summary>
    /// <exception cref="StatisticsException">There are more columns than rows.</exception>
    public RegressionDesign Design(ModelFrame frame, bool centred) => new([.. _values.Select(column =>
    {
        ModeratorValue[] rows = [.. frame.Members.Select(members => column.Value[members[0]]!.Value)];
        return IsContinuous(column.Key) ? Moderator.Continuous(column.Key, [.. rows.Select(value => Number(value)!.Value)])
            : Array.TrueForAll(rows, value => value.Number is not null) ? Moderator.FromCodes(column.Key, [.. rows.Select(value => value.Number!.Value)])
            : Moderator.Categorical(column.Key, [.. rows.Select(value => value.ToString())]);
    })], Terms, centred);

    /// <summary>A point in terms of the design; returns errors for unknown names and levels, and for values of the wrong kind.</summary>
    public (Dictionary<string, ModeratorPoint> Point, IReadOnlyList<FieldError> Errors) PointOf(IReadOnlyDictionary<string, ModeratorValue> at,
        RegressionDesign design, string pointer)
    {
        var (point, errors) = (new Dictionary<string, ModeratorPoint>(StringComparer.Ordinal), new List<FieldError>());
        foreach (var (name, value) in at)
        {
            if (!_values.ContainsKey(name))
            {
                errors.Add(new(pointer, "unknownModerator", $"'{NameList.Of([name])}' is no moderator of the terms: {NameList.Of([.. Moderators])}"));
            }
            else if (!IsContinuous(name))
            {
                var levels = design.Moderators.First(m => m.Name == name).Levels;
                var level = value.ToString();
                if (!levels.Contains(level, StringComparer.Ordinal))
                {
                    errors.Add(new(pointer, "unknownLevel", $"'{name}' has the levels {NameList.Of(levels)}, not '{NameList.Of([level])}'"));
                }

                point[name] = level;
            }
            else if (Number(value) is { } number)
            {
                point[name] = number;
            }
            else
            {
                errors.Add(new(pointer, "notANumber", $"'{name}' is a number here, and '{NameList.Of([value.ToString()])}' is none"));
            }
        }

        return (point, errors);
    }

    private static FieldError Unknown(string pointer, string name, EffectSet effects)
    {
        string[] parts = name.Split(':');
        var unknown = parts.Where(part => !Exists(effects.ModeratorValues(part.Split('^')[0]))).ToList();
        return unknown.Count > 0 || (parts.Length == 1 && !name.Contains('^', StringComparison.Ordinal))
            ? effects.UnknownModerator(pointer, unknown.FirstOrDefault(name))
            : new(pointer, "notATerm", $"'{NameList.Of([name])}' is no term: a power is a^2 to a^{RegressionTerm.MaxPower}, an interaction a:b has up to "
                + $"{RegressionTerm.MaxFactors} moderators");
    }

    private static bool Exists(ModeratorValue?[]? values) => values is not null && Array.Exists(values, value => value is not null);

    private static FieldError? ErrorOf(string name, ModeratorValue?[] values, IReadOnlyDictionary<string, ModeratorKind> kinds, string pointer)
    {
        if (!kinds.TryGetValue(name, out var kind))
        {
            if (values.OfType<ModeratorValue>().Select(v => v.Number is not null).Distinct().Count() > 1)
            {
                return new(pointer, "mixedModerator",
                    $"'{name}' is a number for some effects and a text for others: if it is categorical by `kind`, all are levels");
            }
        }
        else if (kind == ModeratorKind.Continuous && Array.Find(values, v => v is { } value && Number(value) is null)?.Text is { } text)
        {
            return new(pointer, "notANumber", $"'{name}' has the value '{NameList.Of([text])}', which is no number, and cannot be continuous");
        }

        var levels = IsContinuous(values, kinds, name) ? 0 : values.OfType<ModeratorValue>().Distinct().Count();
        return levels > ModeratorColumn.MaxLevels
            ? new(pointer, "tooManyLevels", $"'{name}' has {levels} levels, and {ModeratorColumn.MaxLevels} are the most that can be compared") : null;
    }

    private static bool IsContinuous(ModeratorValue?[] values, IReadOnlyDictionary<string, ModeratorKind> kinds, string name) =>
        kinds.TryGetValue(name, out var kind) ? kind == ModeratorKind.Continuous : values.OfType<ModeratorValue>().First().Number is not null;

    private static double? Number(ModeratorValue value) => value.Number
        ?? (double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null);
}
