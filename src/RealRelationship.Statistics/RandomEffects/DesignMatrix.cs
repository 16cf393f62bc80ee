namespace RealRelationship.Statistics;

/// <summary>A moderator that is a number.</summary>
/// <param name="Name">Name of its column.</param>
/// <param name="Values">One finite value an effect.</param>
public sealed record ContinuousTerm(string Name, IReadOnlyList<double> Values);

/// <summary>A moderator that is a category.</summary>
/// <param name="Name">First part of the names of its columns, <c>name:level</c>.</param>
/// <param name="Values">One level an effect.</param>
public sealed record CategoricalTerm(string Name, IReadOnlyList<string> Values);

/// <summary>The columns of a regression: an intercept, then the terms in the order they were added. Immutable.</summary>
public sealed class DesignMatrix
{
    private readonly double[][] _columns;

    private DesignMatrix(int rows, double[][] columns, string[] names)
    {
        Rows = rows;
        _columns = columns;
        Names = names;
    }

    /// <summary>Number of rows: one an effect.</summary>
    public int Rows { get; }

    /// <summary>Number of columns p, intercept included.</summary>
    public int Columns => _columns.Length;

    /// <summary>Names of the columns: <c>intercept</c>, then <c>term</c> or <c>term:level</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>One cell.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="column">From 0, the intercept.</param>
    public double this[int row, int column] => _columns[column][row];

    internal ReadOnlySpan<double> Column(int column) => _columns[column];

    /// <summary>The design with nothing but an intercept.</summary>
    /// <param name="rows">Number of effects, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rows"/> is below 1.</exception>
    public static DesignMatrix WithIntercept(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var ones = new double[rows];
        Array.Fill(ones, 1.0);
        return new DesignMatrix(rows, [ones], ["intercept"]);
    }

    /// <summary>This design and one more column.</summary>
    /// <param name="term">The moderator.</param>
    /// <exception cref="ArgumentException">The number of values differs from <see cref="Rows"/>, or a value is not finite.</exception>
    public DesignMatrix Add(ContinuousTerm term)
    {
        ArgumentNullException.ThrowIfNull(term);
        RequireRows(term.Values.Count, term.Name);
        double[] column = [.. term.Values];
        if (!column.AsSpan().AllFinite())
        {
            throw new ArgumentException($"A value of '{term.Name}' is not finite.", nameof(term));
        }
        return new DesignMatrix(Rows, [.. _columns, column], [.. Names, term.Name]);
    }

    /// <summary>This design and one column for every level after the first, in ordinal order, 1 where the effect has the level.
    /// A single level adds nothing.</summary>
    /// <param name="term">The moderator.</param>
    /// <exception cref="ArgumentException">The number of values differs from <see cref="Rows"/>.</exception>
    public DesignMatrix Add(CategoricalTerm term)
    {
        ArgumentNullException.ThrowIfNull(term);
        RequireRows(term.Values.Count, term.Name);
        var levels = term.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Skip(1).ToArray();
        var dummies = levels.Select(level =>
        {
            CancellationScope.ThrowIfCancelled();
            return term.Values.Select(value => string.Equals(value, level, StringComparison.Ordinal) ? 1.0 : 0.0).ToArray();
        });
        return new DesignMatrix(Rows, [.. _columns, .. dummies], [.. Names, .. levels.Select(level => $"{term.Name}:{level}")]);
    }

    /// <summary>This design without some columns.</summary>
    /// <param name="columns">Numbers of columns, not 0.</param>
    public DesignMatrix Without(IReadOnlyList<int> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        int[] kept = [.. Enumerable.Range(0, Columns).Where(j => j == 0 || !columns.Contains(j))];
        return new DesignMatrix(Rows, [.. kept.Select(j => _columns[j])], [.. kept.Select(j => Names[j])]);
    }

    private void RequireRows(int count, string name)
    {
        if (count != Rows)
        {
            throw new ArgumentException($"'{name}' has {count} values, the design {Rows} rows.", nameof(count));
        }
    }
}
