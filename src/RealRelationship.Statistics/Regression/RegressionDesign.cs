namespace RealRelationship.Statistics;

/// <summary>A term with its columns in the design.</summary>
/// <param name="Term">The term.</param>
/// <param name="First">Number of its first column; that of the intercept is 0.</param>
/// <param name="Count">Number of its columns; 0 if all effects have the same level.</param>
public sealed record TermColumns(RegressionTerm Term, int First, int Count)
{
    /// <summary>Numbers of its columns.</summary>
    public IReadOnlyList<int> Columns => [.. Enumerable.Range(First, Count)];
}

/// <summary>The columns of a regression on moderators, their powers and interactions, and rows for predicted values.</summary>
/// <remarks>
/// A factor has an indicator for every level after its first; in an interaction for every level if the rest of the interaction is no term of its own
/// (R's <c>model.matrix</c>; Chambers and Hastie 1992, Statistical Models in S, 2.4.1). Columns of an interaction are products, named by their parts with a
/// colon between.
/// </remarks>
public sealed class RegressionDesign
{
    private readonly Moderator[] _moderators;
    private readonly Dictionary<string, int> _index;
    private readonly double[] _centres;
    private readonly List<(int Moderator, int Power, int Level)[]> _columns = [];

    /// <summary>Makes the design.</summary>
    /// <param name="moderators">The moderators, each with one value per effect.</param>
    /// <param name="terms">The terms, of these moderators; an intercept comes before them.</param>
    /// <param name="centred">Whether the mean over the effects is taken from each number, so that powers and interactions are of deviations from it.</param>
    /// <exception cref="ArgumentException">No moderators, numbers of values that differ, a moderator named twice, a term of an unknown one, a power of a
    /// factor, or the same product twice.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: there are more columns than effects.</exception>
    public RegressionDesign(IReadOnlyList<Moderator> moderators, IReadOnlyList<RegressionTerm> terms, bool centred = false)
    {
        ArgumentNullException.ThrowIfNull(moderators);
        ArgumentNullException.ThrowIfNull(terms);
        if (moderators.Count == 0 || moderators.Any(m => m.Count != moderators[0].Count) || moderators.DistinctBy(m => m.Name).Count() < moderators.Count)
        {
            throw new ArgumentException("There are moderators of different names, each with one value per effect.", nameof(moderators));
        }
        _moderators = [.. moderators];
        _index = _moderators.Index().ToDictionary(m => m.Item.Name, m => m.Index, StringComparer.Ordinal);
        _centres = [.. _moderators.Select(m => centred && m.IsContinuous ? Mean(m) : 0)];
        foreach (var (i, term) in terms.Index())
        {
            Check(term, terms.Take(i));
        }
        Centred = centred;
        Terms = [.. AddColumns(terms)];
        LowerTermsMissing = [.. terms.Where(term => LowerTerms(term).Any(lower => !terms.Any(lower.IsSameProduct))).Select(term => term.Name)];
        Matrix = ToMatrix();
    }

    /// <summary>The columns; one row per effect.</summary>
    public DesignMatrix Matrix { get; }

    /// <summary>The moderators.</summary>
    public IReadOnlyList<Moderator> Moderators => _moderators;

    /// <summary>The terms with their columns.</summary>
    public IReadOnlyList<TermColumns> Terms { get; }

    /// <summary>Whether numbers are deviations from their means.</summary>
    public bool Centred { get; }

    /// <summary>Terms of which a lower one, such as <c>a</c> of <c>a^2</c> or <c>a:b</c>, is no term of its own: their coefficients depend on origins and
    /// reference levels (Nelder 1977, Journal of the Royal Statistical Society A 140).</summary>
    public IReadOnlyList<string> LowerTermsMissing { get; }

    /// <summary>The mean of a number over the effects, which predicted values have where they name no value.</summary>
    /// <param name="moderator">Name of a continuous moderator.</param>
    public double MeanOf(string moderator) => Mean(_moderators[_index[moderator]]);

    /// <summary>The row of the design at given values; other numbers at their means, levels of other factors with equal weights.</summary>
    /// <param name="at">Values of moderators by name.</param>
    /// <exception cref="ArgumentException">A name is unknown, a level has no effects, or a value is no finite number where one is needed.</exception>
    public double[] Row(IReadOnlyDictionary<string, ModeratorPoint> at)
    {
        ArgumentNullException.ThrowIfNull(at);
        var (numbers, levels) = (new double[_moderators.Length], new int?[_moderators.Length]);
        foreach (var (i, moderator) in _moderators.Index())
        {
            numbers[i] = moderator.IsContinuous ? Mean(moderator) : 0;
        }
        foreach (var (name, point) in at)
        {
            if (!_index.TryGetValue(name, out var i) || (_moderators[i].IsContinuous ? point.Number is not { } x || !double.IsFinite(x) : point.Level is null))
            {
                throw new ArgumentException($"'{name}' is no moderator with such a value.", nameof(at));
            }
            numbers[i] = point.Number ?? 0;
            levels[i] = _moderators[i].IsContinuous ? null : LevelNumber(_moderators[i], point.Level!);
        }
        return
        [
            1,
            .. _columns.Select(column => column.Aggregate(1.0, (product, part) => product * (part.Level < 0
                ? Math.Pow(numbers[part.Moderator] - _centres[part.Moderator], part.Power)
                : levels[part.Moderator] is { } level ? (level == part.Level ? 1 : 0) : 1.0 / _moderators[part.Moderator].Levels.Count))),
        ];
    }

    private static int LevelNumber(Moderator moderator, string level)
    {
        for (var i = 0; i < moderator.Levels.Count; i++)
        {
            if (string.Equals(moderator.Levels[i], level, StringComparison.Ordinal))
            {
                return i;
            }
        }
        throw new ArgumentException($"No effect has the level '{level}' of '{moderator.Name}'.", nameof(level));
    }

    private void Check(RegressionTerm term, IEnumerable<RegressionTerm> before)
    {
        foreach (var factor in term.Factors)
        {
            if (!_index.TryGetValue(factor.Moderator, out var i) || (factor.Power > 1 && !_moderators[i].IsContinuous))
            {
                throw new ArgumentException($"'{term.Name}' is no term of these moderators.", nameof(term));
            }
        }
        if (before.Any(term.IsSameProduct))
        {
            throw new ArgumentException($"'{term.Name}' is there twice.", nameof(term));
        }
    }

    private IEnumerable<TermColumns> AddColumns(IReadOnlyList<RegressionTerm> terms)
    {
        var rows = _moderators[0].Count;
        var first = 1;
        foreach (var term in terms)
        {
            CancellationScope.ThrowIfCancelled();
            var parts = term.Factors.Select(factor => Parts(term, factor, terms)).ToList();
            var count = parts.Aggregate(1.0, (product, choices) => product * choices.Count);
            if (first + count > rows)
            {
                throw new StatisticsException("rankDeficient", $"{rows} {(rows == 1 ? "effect is" : "effects are")} too few for {first + count:0} "
                    + $"coefficients, those of the intercept and of the terms up to '{term.Name}': leave terms out, or select more effects.");
            }
            // The first factor varies fastest, as in R.
            _columns.AddRange(parts.Aggregate((IEnumerable<(int, int, int)[]>)[[]],
                (columns, choices) => choices.SelectMany(choice => columns.Select(column => ((int, int, int)[])[.. column, choice]))));
            yield return new TermColumns(term, first, (int)count);
            first += (int)count;
        }
    }

    private List<(int Moderator, int Power, int Level)> Parts(RegressionTerm term, TermFactor factor, IReadOnlyList<RegressionTerm> terms)
    {
        var index = _index[factor.Moderator];
        var moderator = _moderators[index];
        if (moderator.IsContinuous)
        {
            return [(index, factor.Power, -1)];
        }
        TermFactor[] rest = [.. term.Factors.Where(other => other != factor)];
        var isContrast = rest.Length == 0 || terms.Any(new RegressionTerm("rest", rest).IsSameProduct);
        return [.. Enumerable.Range(0, moderator.Levels.Count).Skip(isContrast ? 1 : 0).Select(level => (index, 1, level))];
    }

    private static IEnumerable<RegressionTerm> LowerTerms(RegressionTerm term) => term.Factors.SelectMany(factor =>
    {
        TermFactor[] rest = [.. term.Factors.Where(other => other != factor)];
        TermFactor[] lower = factor.Power > 1 ? [.. rest, factor with { Power = factor.Power - 1 }] : rest;
        return lower.Length > 0 ? [new RegressionTerm("lower", lower)] : Array.Empty<RegressionTerm>();
    });

    private DesignMatrix ToMatrix()
    {
        var matrix = DesignMatrix.WithIntercept(_moderators[0].Count);
        foreach (var terms in Terms)
        {
            for (var j = terms.First; j < terms.First + terms.Count; j++)
            {
                CancellationScope.ThrowIfCancelled();
                var column = _columns[j - 1];
                var values = new double[matrix.Rows];
                Array.Fill(values, 1.0);
                foreach (var (index, power, level) in column)
                {
                    for (var i = 0; i < values.Length; i++)
                    {
                        values[i] *= level < 0 ? Math.Pow(_moderators[index].Numbers[i] - _centres[index], power)
                            : _moderators[index].Codes[i] == level ? 1 : 0;
                    }
                }
                if (!values.AsSpan().AllFinite())
                {
                    throw new StatisticsException("outOfRange", $"Values of '{terms.Term.Name}' are too large for double precision.");
                }
                matrix = matrix.Add(new ContinuousTerm(NameOf(terms.Term, column), values));
            }
        }
        return matrix;
    }

    /// <summary>The name of a term of numbers; otherwise the parts, <c>a^2</c> or <c>a:level</c>, with colons between.</summary>
    private string NameOf(RegressionTerm term, (int Moderator, int Power, int Level)[] column) => column.All(part => part.Level < 0)
        ? term.Name
        : string.Join(':', column.Select(part => part.Level < 0
            ? _moderators[part.Moderator].Name + (part.Power > 1 ? $"^{part.Power}" : "")
            : $"{_moderators[part.Moderator].Name}:{_moderators[part.Moderator].Levels[part.Level]}"));

    private static double Mean(Moderator moderator)
    {
        var mean = 0.0;
        foreach (var x in moderator.Numbers)
        {
            mean += x / moderator.Count;
        }
        return mean;
    }
}
