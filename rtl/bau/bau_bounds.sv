// Says whether a host-physical page belongs to a partition. Combinational; two 44-bit comparisons.
module bau_bounds (
  input  logic [bau_pkg::BAU_NUM_PARTITIONS-1:0]    pt_valid_i,
  input  logic [bau_pkg::BAU_NUM_PARTITIONS*44-1:0] pt_base_i,
  input  logic [bau_pkg::BAU_NUM_PARTITIONS*44-1:0] pt_limit_i,
  input  logic                                      partition_i,
  input  logic [43:0]                               page_i,
  output logic                                      legal_o
);
  assign legal_o = pt_valid_i[partition_i] && page_i >= pt_base_i[44*partition_i +: 44]
                   && page_i < pt_limit_i[44*partition_i +: 44];
endmodule
