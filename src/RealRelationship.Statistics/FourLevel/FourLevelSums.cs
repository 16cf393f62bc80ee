namespace RealRelationship.Statistics;

/// <summary>Sums over studies for the derivatives of <see cref="FourLevelLikelihood"/>, 1 for the study, 2 for the sample, 3 for the effect. Matrices are of
/// the columns and the residual, lower triangles row by row.</summary>
internal sealed class FourLevelSums(int width)
{
    private readonly double[] _study = new double[width]; // 1′x
    private readonly double[] _studySquare = new double[width]; // 1′q
    private readonly double[] _sample = new double[width];
    private readonly double[] _sampleSquare = new double[width];
    private readonly double[] _weighted = new double[width]; // Σ t 1′x
    private readonly double[] _onesOfSamples = new double[width]; // Σ (1′M⁻¹1)(1′x)
    private readonly List<(double T, double[] Ones)> _samples = [];

    /// <summary>x_a′Vᵢx_b.</summary>
    public double[][] First { get; } = [new double[width * width], new double[width * width], new double[width * width]];

    /// <summary>x_a′VᵢM⁻¹Vⱼx_b, made symmetric, by <see cref="Pair"/>.</summary>
    public double[][] Second { get; } = [.. Enumerable.Range(0, 6).Select(_ => new double[width * width])];

    /// <summary>tr M⁻¹Vᵢ.</summary>
    public double[] Trace { get; } = new double[RandomVariances.Count];

    /// <summary>tr M⁻¹VᵢM⁻¹Vⱼ, by <see cref="Pair"/>.</summary>
    public double[] TraceOfPair { get; } = new double[6];

    /// <summary>tr M_s⁻¹ and tr M_s⁻².</summary>
    public NestedSums OfSamples { get; } = new(width);

    public int Width => width;

    /// <summary>Where a pair of variances is.</summary>
    public static int Pair(int i, int j) => i <= j ? (i * (5 - i) / 2) + j : Pair(j, i);

    public void AddEffect(double one, ReadOnlySpan<double> x, ReadOnlySpan<double> q)
    {
        double[] ofEffect = First[2], ofPair = Second[Pair(2, 2)];
        for (var a = 0; a < width; a++)
        {
            _sample[a] += one * x[a];
            _sampleSquare[a] += one * q[a];
            for (var b = 0; b <= a; b++)
            {
                ofEffect[(a * width) + b] += x[a] * x[b];
                ofPair[(a * width) + b] += ((x[a] * q[b]) + (x[b] * q[a])) / 2;
            }
        }
    }

    /// <summary>Adds what its effects have in common.</summary>
    /// <param name="t">1′M_s⁻¹1.</param>
    public void CloseSample(double t)
    {
        for (var a = 0; a < width; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                First[1][(a * width) + b] += _sample[a] * _sample[b];
            }
            _study[a] += _sample[a];
            _studySquare[a] += _sampleSquare[a];
            _weighted[a] += t * _sample[a];
            _onesOfSamples[a] += _sample[0] * _sample[a];
        }
        AddProduct(Second[Pair(1, 2)], _sample, _sampleSquare);
        _samples.Add((t, [.. _sample]));
        Array.Clear(_sample);
        Array.Clear(_sampleSquare);
    }

    /// <summary>Adds what its samples have in common.</summary>
    /// <param name="traces">Sums over its samples.</param>
    /// <param name="cubes">1′B⁻³1.</param>
    public void CloseStudy(FourLevelTraces traces, double cubes)
    {
        var (total, f, h) = (traces.Total, traces.Shrinkage, traces.Reduction);
        foreach (var (t, ones) in _samples)
        {
            for (var a = 0; a < width; a++)
            {
                ones[a] -= _weighted[a] / total;
            }
            for (var a = 0; a < width; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    Second[Pair(1, 1)][(a * width) + b] += t * ones[a] * ones[b];
                }
            }
        }
        for (var a = 0; a < width; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var at = (a * width) + b;
                First[0][at] += _study[a] * _study[b];
                Second[Pair(0, 0)][at] += f * total * _study[a] * _study[b];
                Second[Pair(1, 1)][at] += f * _weighted[a] * _weighted[b] / total;
            }
        }
        AddProduct(Second[Pair(0, 1)], _study, _onesOfSamples);
        AddProduct(Second[Pair(0, 2)], _study, _studySquare);
        Trace[0] += f * total;
        Trace[1] += traces.OfSamples;
        Trace[2] -= h * traces.Squares;
        TraceOfPair[Pair(0, 0)] += f * f * total * total;
        TraceOfPair[Pair(0, 1)] += f * f * traces.SquaredTotals;
        TraceOfPair[Pair(0, 2)] += f * f * traces.Squares;
        TraceOfPair[Pair(1, 1)] += traces.OfSamplePairs;
        TraceOfPair[Pair(1, 2)] += traces.Squares - (2 * h * traces.TotalsBySquares) + (h * h * traces.SquaredTotals * traces.Squares);
        TraceOfPair[Pair(2, 2)] += (h * h * traces.Squares * traces.Squares) - (2 * h * cubes);
        _samples.Clear();
        foreach (var sum in new[] { _study, _studySquare, _weighted, _onesOfSamples })
        {
            Array.Clear(sum);
        }
    }

    private void AddProduct(double[] sum, double[] left, double[] right)
    {
        for (var a = 0; a < width; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                sum[(a * width) + b] += ((left[a] * right[b]) + (left[b] * right[a])) / 2;
            }
        }
    }
}

/// <summary>Sums over the samples of a study for its traces: with t = 1′M_s⁻¹1, T their sum and h = σ_s²f, M⁻¹ is diag(M_s⁻¹) − huu′.</summary>
/// <param name="variance">σ_s².</param>
internal sealed class FourLevelTraces(double variance)
{
    private double _pairs;

    /// <summary>T.</summary>
    public double Total { get; private set; }

    /// <summary>Σt².</summary>
    public double SquaredTotals { get; private set; }

    /// <summary>Σ1′M_s⁻²1.</summary>
    public double Squares { get; private set; }

    /// <summary>Σt·1′M_s⁻²1.</summary>
    public double TotalsBySquares { get; private set; }

    /// <summary>f.</summary>
    public double Shrinkage => 1 / (1 + (variance * Total));

    /// <summary>h.</summary>
    public double Reduction => variance * Shrinkage;

    /// <summary>Σ 1_s′M⁻¹1_s.</summary>
    public double OfSamples => Total - (Reduction * SquaredTotals);

    /// <summary>ΣΣ (1_s′M⁻¹1_r)² over pairs of samples, each with itself, too.</summary>
    public double OfSamplePairs => SquaredTotals - (2 * Reduction * _pairs) + (Reduction * Reduction * SquaredTotals * SquaredTotals);

    public void Add(double t, double square)
    {
        Total += t;
        SquaredTotals += t * t;
        Squares += square;
        TotalsBySquares += t * square;
        _pairs += t * t * t;
    }
}
