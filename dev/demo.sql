SELECT * FROM sales_intel.build_info();
